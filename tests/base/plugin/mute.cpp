// A library with the name of a component that is none.
extern "C" [[gnu::visibility("default")]] int keratin_component_0();
int keratin_component_0() { return 0; }
