// The template of pages, read strictly: what a browser would not do under our policy, or do otherwise
// than it looks, is refused with its line, so that nobody wonders why a page is not what it should be.

import {
  ELEMENT_SLOTS,
  type PageTemplate,
  type Slot,
  TEXT_SLOTS,
  type TemplatePart,
} from '../protocol/page-template.ts';
import { findTagProblem } from './page-tags.ts';

type TemplateProblem = { readonly line: number; readonly problem: string };

export type ReadTemplate =
  | { readonly ok: true; readonly template: PageTemplate }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

// A comment, a style sheet as a whole, a tag with its quoted values, text, or a lone `<`. Browsers end a
// style sheet at any `</style`, and what follows it would be tags that nobody has read here.
const PIECES =
  /<!--[\s\S]*?-->|<style>(?:(?!<\/style)[\s\S])*<\/style>|<(?:!doctype|\/?[A-Za-z])(?:[^"'<>]|"[^"]*"|'[^']*')*>|[^<]+|</gi;

const SLOT = /\{\{([^{}]*)\}\}/g;

/** @param picturesFrom the origin of the logo, which is the only one that pictures may be from. */
export function readPageTemplate(text: string, picturesFrom: string | undefined): ReadTemplate {
  const problems: TemplateProblem[] = [];
  const parts: TemplatePart[] = [];
  let section: string | undefined;
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    const say = (problem: string, at = 0): void => {
      problems.push({ line: lineOf(text, index + at), problem });
    };
    if (piece.startsWith('<!--')) {
      if (piece.includes('{{')) say('has a placeholder in a comment; remove it');
      continue;
    }
    section = /^<(head|body)[\s>]/i.exec(piece)?.[1]?.toLowerCase() ?? section;
    const kind = kindOf(piece);
    const problem = kind === 'tag' ? findTagProblem(piece, picturesFrom) : undefined;
    if (problem !== undefined) say(problem);
    if (piece === '<') say('has a < that begins no tag; write &lt;');
    parts.push(...readPiece(piece, { kind, section, say }));
  }
  problems.push(...findUncounted(parts));
  return problems.length === 0
    ? { ok: true, template: parts.filter((part) => part !== '') }
    : { ok: false, problems };
}

type Kind = 'style' | 'tag' | 'text';

function kindOf(piece: string): Kind {
  if (/^<style>[\s\S]*<\/style>$/i.test(piece)) return 'style';
  return piece.startsWith('<') ? 'tag' : 'text';
}

type Around = {
  readonly kind: Kind;
  readonly section: string | undefined;
  readonly say: (problem: string, at: number) => void;
};

function readPiece(piece: string, around: Around): readonly TemplatePart[] {
  if (around.kind === 'style') {
    if (piece.includes('{{')) around.say('has a placeholder in a style sheet; remove it', 0);
    return ['<style nonce="', { slot: 'nonce' }, '">', piece.slice('<style>'.length)];
  }
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const { 0: whole, 1: name = '', index } of piece.matchAll(SLOT)) {
    const slot = toSlot(name.trim());
    const problem = slot === undefined ? unknown : findSlotProblem(slot, piece, index, around);
    if (problem !== undefined) around.say(problem, index);
    if (slot !== undefined) parts.push(piece.slice(end, index), { slot });
    end = index + whole.length;
  }
  return [...parts, piece.slice(end)];
}

const NAMES: readonly string[] = [...TEXT_SLOTS, ...Object.keys(ELEMENT_SLOTS)];
const unknown = `has a placeholder that is not known; known are ${NAMES.join(', ')}`;

const toSlot = (name: string): Slot | undefined =>
  NAMES.includes(name) ? (name as Slot) : undefined;

function findSlotProblem(
  slot: Slot,
  piece: string,
  index: number,
  { kind, section }: Around,
): string | undefined {
  const isElement = Object.hasOwn(ELEMENT_SLOTS, slot);
  if (kind === 'tag') {
    if (isElement) return `has {{${slot}}} within a tag; it is an element of its own`;
    return isQuoted(piece.slice(0, index))
      ? undefined
      : `has {{${slot}}} in a tag outside of double quotes; write ="{{${slot}}}"`;
  }
  const place = isElement ? ELEMENT_SLOTS[slot as keyof typeof ELEMENT_SLOTS] : undefined;
  return place === undefined || place === section
    ? undefined
    : `has {{${slot}}} outside of <${place}>; put it there`;
}

/** Whether a value in double quotes is open where this ends. */
const isQuoted = (before: string): boolean =>
  (before.replaceAll(/'[^']*'/g, '').split('"').length - 1) % 2 === 1;

/** Once each, or forms would not say from where they are, and pages would have nothing on them. */
function findUncounted(parts: PageTemplate): readonly TemplateProblem[] {
  const count = (name: Slot): number =>
    parts.filter((part) => typeof part !== 'string' && part.slot === name).length;
  const missing = (['head', 'main'] as const).filter((name) => count(name) === 0);
  const twice = (Object.keys(ELEMENT_SLOTS) as readonly (keyof typeof ELEMENT_SLOTS)[]).filter(
    (name) => count(name) > 1,
  );
  return [
    ...missing.map((name) => ({
      line: 1,
      problem: `has no {{${name}}}; put it into <${ELEMENT_SLOTS[name]}>`,
    })),
    ...twice.map((name) => ({ line: 1, problem: `has {{${name}}} more than once; keep one` })),
  ];
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length;
