// The portal's style sheet, served by itself, so that no page needs a style of its own.
#pragma once

#include <string_view>

namespace consultd::portal {

extern const std::string_view style_sheet;

}  // namespace consultd::portal
