/** Text between tags; signs that XML can't hold become spaces. */
export function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|[\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** Text between double quotes. */
export function attribute(text: string): string {
  return xmlText(text).replaceAll('"', '&quot;')
}

/** `content` is XML already. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, content: string): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(String(value))}"`)
  return `<${name}${list.join('')}>${content}</${name}>`
}

/** What a pointer that rests on the part around it shows. */
export function tooltip(text: string): string {
  return element('title', {}, xmlText(text))
}
