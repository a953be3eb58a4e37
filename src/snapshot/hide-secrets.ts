import type { Fact, Inventory } from '../catalog/inventory/inventory.ts'

/**
 * Secrets that stand in definitions: in the body of a function that calls out, in the arguments of a webhook's trigger,
 * in the options of a foreign server. Only what can hardly be anything else is hidden, since what is hidden is no longer
 * exact; `***` stands for it.
 */

/** https://user:secret@host; also with nothing before the colon. */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#'"`]*:)[^\s@/?#'"`*]+(?=@)/gi
/** 'host=… user=… password=…', in any order: a connection string of libpq. */
const LITERAL = /'[^'\n]*'/g
const IS_CONNECTION = /\b(?:host|hostaddr|port|dbname|user)=\S/i
const ITS_PASSWORD = /(\b(?:ssl)?password=)[^\s'*]+/gi
/** JSON web tokens (https://www.rfc-editor.org/rfc/rfc7519), and keys of services that mark theirs. */
const TOKENS = new RegExp(
  [
    String.raw`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+`,
    String.raw`\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}`,
    String.raw`\bwhsec_[A-Za-z0-9+/]{16,}`,
    String.raw`\bsk-[A-Za-z0-9_-]{20,}`,
    String.raw`\bsbp_[0-9a-f]{40}\b`,
    String.raw`\bsb_secret_[\w-]{20,}`,
    String.raw`\bgh[pousr]_[A-Za-z0-9]{36,}`,
    String.raw`\bgithub_pat_\w{22,}`,
    String.raw`\bglpat-[\w-]{20,}`,
    String.raw`\bxox[abprs]-[\w-]{10,}`,
    String.raw`\bAKIA[0-9A-Z]{16}\b`,
    String.raw`\bAIza[\w-]{35}`,
    String.raw`\bSG\.[\w-]{16,}\.[\w-]{16,}`,
  ].join('|'),
  'g',
)
const PRIVATE_KEY = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?=-----END)/g
/** 'Bearer …' and 'Basic …' as the value of a header. */
const AUTHORIZATION = /(["']\s*(?:bearer|basic)\s+)(?=[^'"\s]*\d)[\w.~+/-]{16,}=*/gi
/** "api_key": "…" in JSON. */
const IN_JSON = /("[\w-]*(?:password|secret|token|api[_-]?key|private[_-]?key)"\s*:\s*")(?=[^"]*\d)[^"\\*\n]{8,}(?=")/gi
/** An option of a foreign server or table: on a line of its own in a dump, `name=value` in the catalog. */
const OPTION_NAME = String.raw`[\w-]*(?:passw|passcode|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|connection[_-]?string)[\w-]*`
const DUMPED_OPTION = new RegExp(String.raw`^(\s+"?${OPTION_NAME}"? )E?'(?:[^']|'')*'(?=,?$)`, 'gim')
const CATALOG_OPTION = new RegExp(`^(${OPTION_NAME}=).*$`, 'is')
const HAS_OPTIONS = new Set(['CreateForeignServerStmt', 'CreateForeignTableStmt', 'CreateFdwStmt', 'AlterTableStmt'])

export function hideSecrets(text: string): string {
  return text
    .replace(URL_PASSWORD, '$1***')
    .replace(LITERAL, (literal) => (IS_CONNECTION.test(literal) ? literal.replace(ITS_PASSWORD, '$1***') : literal))
    .replace(TOKENS, '***')
    .replace(PRIVATE_KEY, '$1***')
    .replace(AUTHORIZATION, '$1***')
    .replace(IN_JSON, '$1***')
}

/** In a statement of a dump; its kind is libpg-query's. */
export function hideInStatement(text: string, kind: string): string {
  const shown = hideSecrets(text)
  return HAS_OPTIONS.has(kind) ? shown.replace(DUMPED_OPTION, "$1'***'") : shown
}

/** The inventory as it may be shown. */
export function hideInInventory(inventory: Inventory): Inventory {
  return inventory.map((object) => ({
    ...object,
    facts: Object.fromEntries(Object.entries(object.facts).map(([fact, value]) => [fact, hideInFact(fact, value)])),
  }))
}

function hideInFact(fact: string, value: Fact): Fact {
  if (typeof value === 'string') return hideSecrets(value)
  if (!Array.isArray(value)) return value
  return value.map((one: string) => (/options$/i.test(fact) ? hideInOption(one) : hideSecrets(one)))
}

function hideInOption(option: string): string {
  return CATALOG_OPTION.test(option) ? option.replace(CATALOG_OPTION, '$1***') : hideSecrets(option)
}
