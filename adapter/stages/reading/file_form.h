// FileForm: under which type and suffix the bytes of somebody else's file are saved. What a file
// calls itself decides nothing: a name with its suffix, or a type that its bytes are not, is how a
// program comes to be taken for a letter. Must not know where the file is saved.
#pragma once

#include <string_view>

#include "fhir/base/result.h"

namespace consultd {

struct FileForm {
    StaticText type;    // shows and runs nothing by itself in a browser
    StaticText suffix;  // with its dot
};

// The form that the bytes prove. Text has no mark of its own: it is what says that it is, and has
// no control characters but those of lines. All else is application/octet-stream and ".bin".
FileForm file_form(std::string_view said_type, std::string_view bytes);

}  // namespace consultd
