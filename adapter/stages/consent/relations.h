// Relations: what an element that refers to a withheld resource tells of it, for R4's elements that
// refer to something, each with its reason. One table; what is not in it tells nothing by itself,
// but the free words beside it may.
#pragma once

#include <cstdint>
#include <string_view>

namespace consultd::consent {

enum class Tells : std::uint8_t {
    Matter,   // it is there because of what it refers to: with that withheld, the rest betrays it
    Nothing,  // who, where and in what context: the resource would say the same without it
    Unsaid,   // in no row
};

Tells told_by(std::string_view element);

}  // namespace consultd::consent
