// A program outside of the tree: it knows Keratin only by its installed headers and library.
#include <cstdio>
#include <keratin/array.h>
#include <keratin/version.h>

int main() {
  const auto x = keratin::Array::of<float>({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  std::printf("keratin %s: %s\n", keratin::version.data(), keratin::to_string(x.shape()).c_str());
  return x.size() == 8 ? 0 : 1;
}
