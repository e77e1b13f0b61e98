// Which tags a template of pages may have: what shows something, and nothing that runs, loads, sends or
// makes a browser read what follows in another way.

const ELEMENTS: ReadonlySet<string> = new Set(
  `html head meta body header footer section aside div span p a img ul ol li dl dt dd h2 h3 h4 small strong
  em b i br hr figure figcaption address abbr nav`.split(/\s+/),
);

const ATTRIBUTES =
  /^(?:class|id|lang|dir|title|alt|width|height|role|href|rel|target|src|charset|name|content|aria-[a-z]+)$/;

/** None of how a page is sent: a `referrer` after that of {{head}} would pass on addresses, or keep forms from being ours. */
const META_NAME =
  /^(?:viewport|robots|description|author|generator|color-scheme|theme-color|application-name|format-detection)$/i;

const TAG = /^<\/?([A-Za-z][^\s/>]*)((?:[^"'<>]|"[^"]*"|'[^']*')*)>$/;
const ATTRIBUTE = /([^\s"'=/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"']+))?/g;

/** @param picturesFrom the only origin that pictures may be from. */
export function findTagProblem(tag: string, picturesFrom: string | undefined): string | undefined {
  if (/^<!doctype html>$/i.test(tag)) return undefined;
  const [, name = '', rest = ''] = TAG.exec(tag) ?? [];
  const element = name.toLowerCase();
  if (element === 'main') return 'has a <main> of its own; {{main}} brings it';
  if (element === 'title') return 'has a <title> of its own; {{head}} brings it';
  if (element === 'style')
    return 'has a <style> with attributes, or without its end; write <style> … </style>';
  if (element === 'script') return 'has a script; no page runs any that is not ours';
  if (!ELEMENTS.has(element)) {
    return `has an element that cannot be in a template; known are ${[...ELEMENTS].join(', ')}`;
  }
  for (const [, attribute = '', quoted = ''] of rest.matchAll(ATTRIBUTE)) {
    const value = /^["']/.test(quoted) ? quoted.slice(1, -1) : quoted;
    const problem = findAttributeProblem(attribute.toLowerCase(), value, picturesFrom);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findAttributeProblem(
  name: string,
  value: string,
  picturesFrom: string | undefined,
): string | undefined {
  if (name === 'style') return 'has a style attribute; use a class and a <style>';
  if (!ATTRIBUTES.test(name)) {
    return /^on/.test(name)
      ? 'has an attribute that would run script; remove it'
      : 'has an attribute that cannot be in a template; remove it';
  }
  if (name === 'name' && !META_NAME.test(value)) {
    return 'has a name that no meta of a template can have; remove it';
  }
  if (name === 'href' && !/^(?:https:\/\/|mailto:|#)/.test(value)) {
    return 'has a link that is neither https, mailto nor # and a name';
  }
  // Titles name clients: whoever registers one would say where the link leads.
  if (name === 'href' && /\{\{\s*title\s*\}\}/.test(value)) {
    return 'has a link with {{title}} in it; only {{lang}} and {{dir}} may be part of one';
  }
  if (name === 'src' && (picturesFrom === undefined || !value.startsWith(`${picturesFrom}/`))) {
    return 'has a picture that no browser would load: only those at the origin of pages.logo are';
  }
  return undefined;
}
