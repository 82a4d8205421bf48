/** What an editor shows of a member: the default and the example are source text. */
export interface ConfigMember {
  readonly meaning: string;
  readonly default: string | undefined;
  readonly example: string | undefined;
}

/** By interface, then by member. */
export function configMembers(): Readonly<Record<string, Readonly<Record<string, ConfigMember>>>>;
