// Tags: what a tag of HTML shows of its element by more than letters
// (https://html.spec.whatwg.org/multipage/rendering.html). Inner to markup.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapter/stages/text/marks.h"

namespace consultd {

class Tag {
public:
    // `name` in lower case, "/p" of an end; `said`: all between "<" and ">".
    Tag(std::string_view name, std::string_view said) : name_(name), said_(said) {}

    bool is_end() const { return name_.starts_with('/'); }
    std::string_view name() const { return is_end() ? name_.substr(1) : name_; }
    bool is_void() const;
    // How the words of its element are shown.
    std::optional<Mark> mark() const;
    // What stands in its own place: a picture, a box, what is written in a field.
    std::string sign() const;
    bool is_marked() const { return !is_end() && (mark() || !sign().empty()); }

private:
    bool has(std::string_view attribute) const { return value_of(attribute).has_value(); }
    std::optional<std::string> value_of(std::string_view attribute) const;
    std::string sign_of_field() const;

    std::string_view name_, said_;
};

}  // namespace consultd
