/** Names of the column that holds a record's group in the main and in the auxiliary table; they may differ. */
export interface GroupColumn {
  readonly main: string;
  readonly auxiliary: string;
}

/** Name of the auxiliary table's column for a column of the main one. */
export function auxiliaryName(groupColumn: GroupColumn, mainColumn: string): string {
  return mainColumn === groupColumn.main ? groupColumn.auxiliary : mainColumn;
}
