import { storm } from './storm.ts';

storm('second');
