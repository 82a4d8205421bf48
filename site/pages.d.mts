export const SECTIONS: readonly {
  readonly text: string;
  readonly pages: readonly string[];
}[];
