/**
 * The same answer object for the same question object, so that a document which rarely changes is
 * made, and printed, once a change rather than once a request.
 */
export function rememberLast<Question extends object, Answer>(
  answer: (question: Question) => Answer,
): (question: Question) => Answer {
  let last: { readonly question: Question; readonly answer: Answer } | undefined;
  return (question) => {
    if (last?.question !== question) last = { question, answer: answer(question) };
    return last.answer;
  };
}
