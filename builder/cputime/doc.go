// Package cputime tells what the processor did for this process, for tests and
// for measurements: unlike the time on the wall, that does not grow with what
// else the machine does.
package cputime
