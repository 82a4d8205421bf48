/**
 * Settings that decide what the rows become, or where the staged files are. A resume compares them with what the task
 * began with, and takes another value only where it is allowed by name.
 */
export const CHANGEABLE_SETTINGS = [
  'engine',
  'onConflict',
  'conflictColumns',
  'updateColumns',
  'columns',
  's3Location',
] as const;

export type ChangeableSetting = (typeof CHANGEABLE_SETTINGS)[number];

export function isChangeable(name: string): name is ChangeableSetting {
  return (CHANGEABLE_SETTINGS as readonly string[]).includes(name);
}
