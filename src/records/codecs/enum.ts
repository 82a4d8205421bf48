/** Enums: a label, exactly as it was created. */

import { nearestName } from '../../core/nearest-name.ts';
import { shortText } from '../../core/short-text.ts';
import { asWritten, type Codec } from './codec.ts';
import { isLabelOf } from './kept-label.ts';
import { Refusal } from './refusal.ts';

export function enumCodec(labels: readonly string[]): Codec {
  const known = new Set(labels);
  return {
    canonical: asWritten,
    isKept: isLabelOf(labels),
    encode(value) {
      const label = typeof value === 'number' ? String(value) : value;
      if (typeof label === 'string' && known.has(label)) return label;
      const nearest = typeof label === 'string' ? nearestName(label, labels) : undefined;
      throw new Refusal(value, 'is not one of the labels', {
        hint:
          nearest === undefined
            ? `Use one of the labels: ${listed(labels)}.`
            : `Did you mean "${shortText(nearest)}"?`,
      });
    },
  };
}

function listed(labels: readonly string[]): string {
  const shown = labels.slice(0, 5).map((label) => `"${shortText(label)}"`);
  return shown.join(', ') + (labels.length > shown.length ? ', …' : '');
}
