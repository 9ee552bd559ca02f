/* trace.h - the commands of vencejo-trace. */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

/* Each parses its own arguments, argv[0] being "vencejo trace NAME", and
 * returns the exit code. */
int trace_info(int argc, char **argv);
int trace_convert(int argc, char **argv);
int trace_synth(int argc, char **argv);
int trace_fit(int argc, char **argv);
int trace_record(int argc, char **argv);

#endif /* CLI_TRACE_H */
