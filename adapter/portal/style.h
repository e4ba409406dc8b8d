// The portal's style sheet and its one script, each served by itself, so that no page needs one of
// its own.
#pragma once

#include <string_view>

namespace consultd::portal {

extern const std::string_view style_sheet;
// The quick exit takes the place of the page in the browser's list, instead of coming after it;
// what looks again by itself changes in place, without the page being loaded anew; what the browser
// shows out of its memory is asked for again; before a session ends it says so.
extern const std::string_view script_text;

}  // namespace consultd::portal
