// Marks: what a file shows by more than letters, said in plain text: struck, hidden, raised, a
// picture, a box that is ticked. "Do <s>not</s> stop" must not read as "Do not stop". Knows no
// format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace consultd {

enum class Mark : std::uint8_t { Struck, Hidden, Raised, Lowered };

// Where a marked part of a text begins: its words follow at the text's end.
struct MarkedPart {
    Mark mark;
    std::size_t begin;
};

MarkedPart begin_mark(Mark mark, std::string& text);
// Nothing is left of a part that holds no word.
void end_mark(const MarkedPart& part, std::string& text);
// Before what follows a mark that ended, if the two would run together.
void part_from_mark(std::string_view next, std::string& text);

// "[picture: a scan]"; without words "[picture]".
std::string picture_mark(std::string_view words);

}  // namespace consultd
