/** `@column('created_at')`: names the column of a class field. */

import { RelytError } from '../errors.ts';

type ColumnContext =
  | ClassFieldDecoratorContext
  | ClassAccessorDecoratorContext
  | ClassGetterDecoratorContext;

/**
 * Column to property, by prototype. It is filled by the first instance of each class: decorator
 * metadata (`Symbol.metadata`) does not exist in every supported Node, an initialiser does.
 */
const decorated = new WeakMap<object, Map<string, string>>();

/**
 * Marks a field, accessor or getter as the source of a column. When a record's class has such marks,
 * exactly the marked properties are loaded. A standard (TC39) decorator; the counterpart of a Go
 * struct tag.
 *
 * @param name the column, by default the name of the property
 * @throws RelytError CONFIG_INVALID on a static or private member
 *
 * @example
 * ```ts
 * import { column } from 'relyt-sdk';
 *
 * class Reading {
 *   @column() id = 0n;
 *   @column('created_at') createdAt = new Date();
 * }
 * ```
 */
export function column(name?: string): (member: unknown, context: ColumnContext) => void {
  return (_member, context) => {
    const property = context.name;
    if (context.static || context.private || typeof property !== 'string') {
      throw new RelytError(
        'CONFIG_INVALID',
        `@column cannot mark ${String(property)}: a record has no static, private or symbol properties.`,
        { hint: 'Mark a public instance field, accessor or getter.' },
      );
    }
    const registered = new WeakSet<object>();
    context.addInitializer(function (this: unknown) {
      const prototype: unknown = Object.getPrototypeOf(this);
      if (typeof prototype !== 'object' || prototype === null || registered.has(prototype)) return;
      registered.add(prototype);
      register(prototype, name ?? property, property);
    });
  };
}

function register(prototype: object, columnName: string, property: string): void {
  const columns = decorated.get(prototype) ?? new Map<string, string>();
  decorated.set(prototype, columns);
  columns.set(columnName, property);
}

/** Column to property of a record whose class is decorated. */
export function decoratedColumns(record: object): ReadonlyMap<string, string> | undefined {
  const prototype: unknown = Object.getPrototypeOf(record);
  return typeof prototype === 'object' && prototype !== null ? decorated.get(prototype) : undefined;
}
