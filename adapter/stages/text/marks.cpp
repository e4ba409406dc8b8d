#include "adapter/stages/text/marks.h"

#include <cctype>

#include "fhir/base/raised.h"

namespace consultd {
namespace {

bool is_of_word(char one) {
    return std::isalnum(static_cast<unsigned char>(one)) != 0 ||
           static_cast<unsigned char>(one) >= 0x80;
}

std::string_view opening(Mark mark) {
    if (mark == Mark::Struck) return "[struck: ";
    return mark == Mark::Hidden ? "[hidden: " : "";
}

}  // namespace

MarkedPart begin_mark(Mark mark, std::string& text) {
    if (!opening(mark).empty() && !text.empty() && is_of_word(text.back())) text += ' ';
    return {mark, text.size()};
}

void end_mark(const MarkedPart& part, std::string& text) {
    const std::size_t first = text.find_first_not_of(" \n|", part.begin);
    if (first == text.npos) return;
    const std::size_t last = text.find_last_not_of(" \n") + 1;
    const std::string inner = text.substr(first, last - first), after = text.substr(last);
    text.erase(first);
    if (part.mark == Mark::Raised)
        text += raised(inner);
    else if (part.mark == Mark::Lowered)
        text += lowered(inner);
    else
        text.append(opening(part.mark)).append(inner) += ']';
    text += after;
}

void part_from_mark(std::string_view next, std::string& text) {
    if (!next.empty() && !text.empty() && text.back() == ']' && is_of_word(next.front()))
        text += ' ';
}

std::string picture_mark(std::string_view words) {
    return words.empty() ? "[picture]" : "[picture: " + std::string(words) + "]";
}

}  // namespace consultd
