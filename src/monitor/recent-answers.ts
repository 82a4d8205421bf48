/**
 * Answers that requests share when they come close together: several open pages cost the database as much as one. Asking
 * again while the answer is under way waits for that one.
 */
export class RecentAnswers {
  readonly #answers = new Map<
    string,
    { readonly until: number; readonly answer: Promise<unknown> }
  >();
  readonly #milliseconds: number;
  readonly #now: () => number;

  /** @param milliseconds how long an answer is good for */
  constructor(milliseconds: number, now: () => number = Date.now) {
    this.#milliseconds = milliseconds;
    this.#now = now;
  }

  /** @param question tells questions apart; the same question always has an answer of the same type */
  get<Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    this.#forgetOld();
    const known = this.#answers.get(question);
    if (known !== undefined) return known.answer as Promise<Answer>;
    const answer = ask();
    // The time counts from the answer on: all requests that waited for a slow one share it.
    this.#answers.set(question, { until: Number.POSITIVE_INFINITY, answer });
    const settled = () => {
      this.#answers.set(question, { until: this.#now() + this.#milliseconds, answer });
    };
    answer.then(settled, () => this.#answers.delete(question));
    return answer;
  }

  #forgetOld(): void {
    const now = this.#now();
    for (const [question, { until }] of this.#answers) {
      if (until <= now) this.#answers.delete(question);
    }
  }
}
