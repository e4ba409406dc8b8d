// Files come from anybody: what is read of them is UTF-8 without end, and no part of a file that is
// shown is missing where words are looked for.
#include <cstdlib>

#include "adapter/stages/text/letters.h"
#include "adapter/stages/text/text.h"
#include "fhir/base/utf8.h"

using namespace consultd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    for (const std::string_view type : {"", "text/plain", "text/html"}) {
        const auto file = text_of_file(bytes, type);
        if (!file) continue;
        const std::string words = file->words();
        if (!is_utf8(words) || !is_utf8(file->shown)) std::abort();
        if (words.find(without_unseen(file->shown)) == std::string::npos) std::abort();
        // Each sign is read a few times, in each spelling that it may be of.
        if (words.size() > 200 * size + 1000) std::abort();
    }
    return 0;
}
