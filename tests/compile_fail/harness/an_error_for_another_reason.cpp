// For the harness: it fails, but not for the reason given.
#if MISUSE == 1  // a word for a number: cannot convert|cannot initialize
int number = undeclared;
#endif
