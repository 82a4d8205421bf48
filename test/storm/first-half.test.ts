import { storm } from './storm.ts';

storm('first');
