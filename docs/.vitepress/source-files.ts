// What is written for whoever reads the files, and has to be put otherwise on the site: links that lead
// out of docs/, the one tag that tables need, and the markers of what is generated.

/** Of markdown-it's tokens, what a rule for links looks at. */
type Token = {
  readonly type: string;
  tag: string;
  attrs: [string, string][] | null;
  readonly children: Token[] | null;
};

type Markdown = {
  readonly core: {
    readonly ruler: {
      push(name: string, rule: (state: State) => void): void;
      before(other: string, name: string, rule: (state: State) => void): void;
    };
  };
  readonly inline: {
    readonly ruler: {
      before(
        other: string,
        name: string,
        rule: (state: Inline, isLookingAhead: boolean) => boolean,
      ): void;
    };
  };
};

type State = { src: string; readonly tokens: Token[] };

type Inline = {
  readonly src: string;
  pos: number;
  push(type: string, tag: string, nesting: 0): unknown;
};

/** Tags are text here; a comment is a marker for a program, and no text. */
export function leaveOutComments(markdown: Markdown): void {
  markdown.core.ruler.before('normalize', 'leave-out-comments', (state) => {
    state.src = state.src.replaceAll(/^<!--[\s\S]*?-->$/gm, '');
  });
}

/** `<br>` is how the cell of a table says that a line ends; every other tag stays text. */
export function breakLines(markdown: Markdown): void {
  markdown.inline.ruler.before('autolink', 'break-lines', (state, isLookingAhead) => {
    if (!state.src.startsWith('<br>', state.pos)) return false;
    if (!isLookingAhead) state.push('hardbreak', 'br', 0);
    state.pos += '<br>'.length;
    return true;
  });
}

const OUTSIDE = /^(?:\.\.\/)+/;

/**
 * Makes them absolute where somebody said where the sources are, and else plain text: a link that leads
 * nowhere is worse than none.
 */
export function leadOutside(markdown: Markdown, sources: string | undefined): void {
  markdown.core.ruler.push('lead-outside', ({ tokens }) => {
    for (const { children } of tokens) if (children !== null) redirect(children, sources);
  });
}

function redirect(tokens: Token[], sources: string | undefined): void {
  let isPlain = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const href = token.attrs?.find(([name]) => name === 'href');
      const leavesDocs = href !== undefined && OUTSIDE.test(href[1]);
      isPlain = leavesDocs && sources === undefined;
      if (leavesDocs && sources !== undefined) href[1] = href[1].replace(OUTSIDE, `${sources}/`);
    }
    if (isPlain && token.type.startsWith('link_')) {
      token.tag = 'span';
      token.attrs = null;
    }
    if (token.type === 'link_close') isPlain = false;
  }
}
