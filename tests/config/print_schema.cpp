#include "config/reference.hpp"

#include <iostream>

int main() { std::cout << postern::config::reference(postern::config::reference_format::schema); }
