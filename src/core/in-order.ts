/**
 * Waits for all of them, and gives what each came to.
 * @throws what the first in the order of the list threw: not what happened to fail before the others
 */
export async function inOrder<const Works extends readonly Promise<unknown>[]>(
  works: Works,
): Promise<{ -readonly [N in keyof Works]: Awaited<Works[N]> }> {
  await Promise.allSettled(works);
  const results: unknown[] = [];
  for (const work of works) results.push(await work);
  return results as { -readonly [N in keyof Works]: Awaited<Works[N]> };
}
