# cmake -D FOLDER=... -D FILES="a b" -D TO=files.cpp -P embed.cmake: writes what files.hpp declares.
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_mjs "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

separate_arguments(FILES)
set(rows "")
foreach(name ${FILES})
  string(REGEX REPLACE ".*\\." "" ending ${name})
  string(REPLACE "index.html" "" path ${name})
  # As bytes: a string of C++ could end inside of a text.
  file(READ ${FOLDER}/${name} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND rows "    {\"/${path}\", \"${type_${ending}}\",\n     \"${bytes}\"},\n")
endforeach()
file(WRITE ${TO} "#include \"proxy/status_page/files.hpp\"

#include <array>

namespace postern::status_page {

std::span<const file> files() {
  static constexpr std::array all = std::to_array<file>({
${rows}  });
  return all;
}

}  // namespace postern::status_page
")
