export const TASKS: number;
export const RUNNING: number;
export const FILES_OF_EACH: number;
export function manyTasks(
  role: string,
): readonly { readonly text: string; readonly values?: readonly unknown[] }[];
