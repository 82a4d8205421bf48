import uPlot from 'uplot';
import type { Throughput } from '../throughput.ts';
import { element } from './element.ts';

const HEIGHT = 220;
const NOTHING = 'Nothing was imported yet.';

/** Records a second over the life of a task. */
export class ThroughputChart {
  readonly root = element('div', { class: 'chart', role: 'img', 'aria-label': NOTHING });
  #plot: uPlot | undefined;

  constructor(signal: AbortSignal) {
    const fit = () => this.#plot?.setSize({ width: this.root.clientWidth, height: HEIGHT });
    addEventListener('resize', fit, { signal });
    // Colours are drawn, not styled: another scheme needs another drawing.
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => this.#forget(), { signal });
    signal.addEventListener('abort', () => this.#forget());
  }

  show({ times, rates, spanSeconds }: Throughput): void {
    const peak = Math.max(0, ...rates);
    const most = `Records imported a second, in spans of ${spanSeconds} s; at most ${Math.round(peak)}.`;
    this.root.setAttribute('aria-label', times.length === 0 ? NOTHING : most);
    // A single point does not make a line.
    const data: uPlot.AlignedData =
      times.length === 1
        ? [
            [...times, (times[0] ?? 0) + spanSeconds],
            [...rates, rates[0] ?? 0],
          ]
        : [[...times], [...rates]];
    if (this.#plot === undefined) this.#plot = this.#drawn(data);
    else this.#plot.setData(data);
  }

  #drawn(data: uPlot.AlignedData): uPlot {
    const style = getComputedStyle(this.root);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 } };
    const options: uPlot.Options = {
      width: Math.max(200, this.root.clientWidth),
      height: HEIGHT,
      // In UTC, like all other times.
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      series: [{}, { label: 'Records a second', stroke: colour('--bar'), width: 2 }],
      axes: [axis, { ...axis, size: 64 }],
      scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.05)] } },
      legend: { show: false },
    };
    return new uPlot(options, data, this.root);
  }

  #forget(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }
}
