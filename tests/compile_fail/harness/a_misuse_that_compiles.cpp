// For the harness: this misuse is none.
#if MISUSE == 1  // an int for an int: .*
int number = 1;
#endif
