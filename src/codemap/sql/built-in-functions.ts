/**
 * Functions of PostgreSQL 18 that a statement may call by name, and of the extensions that are met most. Those behind
 * operators, types and index methods are left out, as nobody calls them.
 */
const NAMES = new Set(
  `
  abbrev abs acldefault aclexplode acos acosd acosh add_compression_policy add_retention_policy addgeometrycolumn age
  akeys amvalidate any_value ascii asin asind asinh atan atan2 atan2d atand atanh avals avg bernoulli bit_and
  bit_count bit_length bit_or bit_xor bool_and bool_or box broadcast cardinality casefold cast cbrt ceil ceiling
  center char_length character_length chr circle clock_timestamp coalesce col_description concat concat_ws connectby
  convert convert_from convert_to corr cos cosd cosh cosine_distance cot cotd count covar_pop covar_samp crc32 crc32c
  create_distributed_table create_hypertable create_reference_table crosstab crypt cume_dist current_database
  current_query current_schema current_schemas current_setting current_user currtid2 currval cursor_to_xml
  cursor_to_xmlschema daitch_mokotoff database_to_xml database_to_xml_and_xmlschema database_to_xmlschema date_add
  date_bin date_part date_subtract date_trunc datemultirange daterange daterange_canonical daterange_subdiff dblink
  dblink_connect dblink_disconnect dblink_exec decode degrees dense_rank dexp diagonal diameter difference digest div
  dlog1 dlog10 dmetaphone dround dtrunc each earth_box earth_distance encode enum_first enum_last enum_range erf erfc
  every exp extract factorial family first first_value floor format format_type gamma gcd gen_random_bytes
  gen_random_uuid gen_salt generate_series generate_subscripts get_bit get_byte get_current_ts_config
  getdatabaseencoding getpgusername greatest grouping gtsquery_consistent gtsvector_consistent height hmac host
  hostmask hstore icu_unicode_version initcap inner_product is_normalized isclosed isempty isfinite ishorizontal
  isopen isparallel isperp isvertical justify_days justify_hours justify_interval l1_distance l2_distance lag last
  last_value lastval lcm lead least left length levenshtein lgamma like line ll_to_earth ln log log10 loread lower
  lower_inc lower_inf lowrite lpad lseg ltrim make_date make_interval make_time make_timestamp make_timestamptz
  makeaclitem masklen max md5 metaphone min min_scale mod mode multirange mxid_age netmask network nextval
  normal_rand normalize notlike now npoints nth_value ntile nullif num_nonnulls num_nulls numeric_inc nummultirange
  numnode numrange numrange_subdiff obj_description octet_length overlaps overlay parse_ident pclose percent_rank
  percentile_cont percentile_disc pgp_sym_decrypt pgp_sym_encrypt phraseto_tsquery pi plainto_tsquery point polygon
  popen position postgis_full_version postgis_version pow power query_to_xml query_to_xml_and_xmlschema
  query_to_xmlschema querytree quote_ident quote_literal quote_nullable radians radius random random_normal range_agg
  range_intersect_agg range_merge rank repeat replace reverse right round row_number row_security_active row_to_json
  rpad rtrim scale schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema session_user set_bit set_byte
  set_config set_limit set_masklen setseed setval setweight sha224 sha256 sha384 sha512 shobj_description show_trgm
  sign similar_escape similar_to_escape similarity sin sind sinh skeys slope soundex split_part sqrt
  statement_timestamp stddev stddev_pop stddev_samp strict_word_similarity strip strpos substr substring sum svals
  system system_user table_to_xml table_to_xml_and_xmlschema table_to_xmlschema tablefunc tan tand tanh text textlen
  time_bucket timeofday timestamp timestamptz timezone to_ascii to_bin to_char to_date to_hex to_json to_jsonb
  to_number to_oct to_regclass to_regcollation to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure
  to_regrole to_regtype to_regtypemod to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim
  trim_array trim_scale trunc tsmultirange tsquery_phrase tsrange tsrange_subdiff tstzmultirange tstzrange
  tstzrange_subdiff tsvector_to_array unaccent unicode_assigned unicode_version unistr unnest upper upper_inc
  upper_inf uuid_extract_timestamp uuid_extract_version uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3
  uuid_generate_v4 uuid_generate_v5 uuid_nil uuidv4 uuidv7 var_pop var_samp variance vector_dims vector_norm version
  bool bpchar date float4 float8 int2 int4 int8 int4range int8range int4multirange int8multirange interval
  justify_interval numeric time timetz varchar
  websearch_to_tsquery width width_bucket word_similarity xmlelement xpath xpath_exists
  `
    .trim()
    .split(/\s+/),
)
const PREFIXES = /^(pg_|jsonb?_|regr_|ts_|has_|inet_|st_|txid_|array_|regexp_|string_|lo_|xml)/

export function isBuiltIn(name: string): boolean {
  return NAMES.has(name) || PREFIXES.test(name)
}
