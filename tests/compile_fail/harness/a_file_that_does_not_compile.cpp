// For the harness: what stands outside of every misuse must compile.
int number = undeclared;
#if MISUSE == 1  // the same: undeclared
#endif
