#include "tests/support/source_folder.h"

namespace consultd {

const std::string& source_folder() {
    static const std::string folder = CONSULTD_SOURCE_DIR;
    return folder;
}

}  // namespace consultd
