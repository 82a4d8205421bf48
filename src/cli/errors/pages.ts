/** Some at a time, so that the output can be waited for. Stops at `limit` without asking for more. */
export async function* pagesOf<T>(
  items: AsyncIterable<T>,
  limit: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  let left = limit;
  for await (const item of items) {
    page.push(item);
    left--;
    if (left > 0 && page.length < PAGE) continue;
    yield page;
    if (left <= 0) return;
    page = [];
  }
  if (page.length > 0) yield page;
}

const PAGE = 500;
