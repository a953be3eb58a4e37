/**
 * What may be called in a read that is routed: functions and aggregates of PostgreSQL itself that
 * change nothing and whose answer does not depend on the search path, and type names that can be
 * followed by a parenthesis. A function that is not here keeps its statement on the old side.
 */
const NAMES = `
  count sum avg min max bool_and bool_or every array_agg string_agg json_agg jsonb_agg json_object_agg
  jsonb_object_agg any_value bit_and bit_or bit_xor stddev stddev_pop stddev_samp variance var_pop var_samp
  corr covar_pop covar_samp regr_slope regr_intercept regr_r2 regr_count mode percentile_cont percentile_disc
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value grouping

  coalesce nullif greatest least cast num_nulls num_nonnulls

  abs ceil ceiling floor round trunc mod div power sqrt cbrt exp ln log log10 sign pi degrees radians random
  sin cos tan cot asin acos atan atan2 width_bucket gcd lcm factorial scale min_scale trim_scale

  length char_length character_length octet_length bit_length lower upper initcap left right substr substring
  overlay position strpos trim btrim ltrim rtrim lpad rpad repeat replace reverse translate split_part
  starts_with concat concat_ws format chr ascii md5 sha224 sha256 sha384 sha512 encode decode to_hex
  quote_ident quote_literal quote_nullable regexp_replace regexp_match regexp_matches regexp_split_to_array
  regexp_split_to_table regexp_count regexp_instr regexp_like regexp_substr string_to_array string_to_table
  array_to_string to_char to_number to_date to_timestamp normalize like notlike

  now transaction_timestamp statement_timestamp clock_timestamp current_time current_timestamp localtime
  localtimestamp age date_trunc date_part date_bin extract make_date make_time make_timestamp make_timestamptz
  make_interval justify_days justify_hours justify_interval isfinite overlaps timezone

  to_json to_jsonb row_to_json array_to_json json_build_object jsonb_build_object json_build_array
  jsonb_build_array json_object jsonb_object json_array_length jsonb_array_length json_array_elements
  jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_each jsonb_each json_each_text
  jsonb_each_text json_object_keys jsonb_object_keys json_extract_path jsonb_extract_path
  json_extract_path_text jsonb_extract_path_text json_typeof jsonb_typeof json_strip_nulls jsonb_strip_nulls
  jsonb_set jsonb_set_lax jsonb_insert jsonb_pretty jsonb_path_exists jsonb_path_match jsonb_path_query
  jsonb_path_query_array jsonb_path_query_first

  unnest generate_series generate_subscripts cardinality array_length array_ndims array_dims array_lower
  array_upper array_position array_positions array_append array_prepend array_cat array_remove array_replace
  array_fill trim_array isempty lower_inc upper_inc lower_inf upper_inf range_merge

  to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd ts_headline
  setweight strip tsvector_to_array numnode querytree

  gen_random_uuid uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version hashtext hashtextextended
  host hostmask masklen netmask network family broadcast set_masklen
  int4range int8range numrange tsrange tstzrange daterange point circle box

  numeric decimal dec varchar char character bpchar bit varbit timestamp timestamptz time timetz interval float
`

export const PURE_FUNCTIONS: ReadonlySet<string> = new Set(NAMES.trim().split(/\s+/))
