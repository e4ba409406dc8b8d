// consultd-pdftext: the text of one PDF, read from standard input, in a process of its own. A PDF
// is a program that strangers wrote for a library of half a million lines: whatever it does to that
// library, it does here, where there is no key, no network, no file and little time or memory, and
// nothing but this text goes out. Its only caller is adapter/stages/text/pdf.cpp, which trusts none
// of it.
//
// Output: a line "pages N blank N unseen N shown BYTES beside BYTES", then that many bytes of each.
// Exit 0; 1: no PDF that can be read.
#include <iconv.h>
#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-page.h>
#include <poppler/cpp/poppler-toc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "adapter/stages/text/letters.h"
#include "adapter/stages/text/pdf/confine.h"
#include "adapter/stages/text/pdf/objects.h"
#include "adapter/stages/text/pdf_limits.h"

namespace {

using namespace consultd;

bool limit(int resource, rlim_t most) {
    const rlimit both{most, most};
    return ::setrlimit(static_cast<__rlimit_resource>(resource), &both) == 0;
}

bool limit_all() {
    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_CPU, pdf_limits::cpu_s) && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
#ifdef CONSULTD_SANITIZED  // a sanitizer maps terabytes, and asks for what confine refuses
           true;
#else
           limit(RLIMIT_AS, pdf_limits::memory_bytes) && confine();
#endif
}

std::string read_all() {
    std::string out;
    char buffer[65536];
    for (ssize_t count = 0; (count = ::read(STDIN_FILENO, buffer, sizeof buffer)) > 0;)
        out.append(buffer, static_cast<std::size_t>(count));
    return out;
}

void add(std::string& out, const poppler::ustring& text) {
    std::string bytes;
    bytes.reserve(text.size() * 2);
    for (const unsigned short unit : text) {
        bytes += static_cast<char>(unit & 0xFFU);
        bytes += static_cast<char>(unit >> 8U);
    }
    out += from_utf16(bytes, ByteOrder::Little);
}

bool has_words(const std::string& text, std::size_t from) {
    return std::any_of(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                       [](char one) { return static_cast<unsigned char>(one) > 0x20; });
}

// Its title, its author, its bookmarks: what stands on no page.
void add_beside(std::string& out, const poppler::document& pdf) {
    for (const std::string& key : pdf.info_keys()) {
        add(out, pdf.info_key(key));
        out += '\n';
    }
    add(out, pdf.metadata());
    const std::unique_ptr<poppler::toc> bookmarks(pdf.create_toc());
    std::vector<const poppler::toc_item*> open;
    if (bookmarks) open.push_back(bookmarks->root());
    while (!open.empty() && out.size() < pdf_limits::text_bytes) {
        const poppler::toc_item* const item = open.back();
        open.pop_back();
        out += '\n';
        add(out, item->title());
        for (const poppler::toc_item* const child : item->children()) open.push_back(child);
    }
}

// Where a page shows less than its paper holds, there may be words that nobody sees.
bool is_cut(const poppler::page& page) {
    const poppler::rectf shown = page.page_rect(poppler::crop_box);
    const poppler::rectf paper = page.page_rect(poppler::media_box);
    return shown.x() > paper.x() || shown.y() > paper.y() || shown.right() < paper.right() ||
           shown.bottom() < paper.bottom();
}

// What its objects say; how much of it nobody has seen.
int add_objects(std::string& out, const std::string& bytes) {
    const PdfObjects objects = read_objects(bytes, pdf_limits::text_bytes);
    (out += '\n') += objects.said;
    return objects.unseen + (objects.is_all ? 0 : 1);
}

bool write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

int main() {
    // What poppler converts with is loaded now: later nothing can be opened.
    const iconv_t letters = ::iconv_open("UTF-16", "UTF-8");
    if (!limit_all()) return 1;
    const std::string bytes = read_all();
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return 1;
    poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
    const std::unique_ptr<poppler::document> pdf(
        poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
    if (!pdf || pdf->is_locked() || pdf->pages() < 1) return 1;
    std::string shown, beside;
    // What lies outside what a page shows, is more than we read, or of another kind.
    int blank = 0, unseen = 0;
    for (int i = 0; i < pdf->pages(); ++i) {
        if (i == pdf_limits::pages || shown.size() > pdf_limits::text_bytes) {
            unseen += pdf->pages() - i;
            break;
        }
        const std::unique_ptr<poppler::page> page(pdf->create_page(i));
        const std::size_t begin = shown.size();
        // As it lies on the page, for people; in the order in which it was written, so that what
        // stands beside a column parts no word of it.
        if (page) add(shown, page->text());
        if (page) add(beside, page->text(poppler::rectf(), poppler::page::raw_order_layout));
        if (!has_words(shown, begin)) ++blank;
        if (page && is_cut(*page)) ++unseen;
        shown += '\f';
    }
    add_beside(beside, *pdf);
    unseen += add_objects(beside, bytes);
    const std::string head = "pages " + std::to_string(pdf->pages()) + " blank " +
                             std::to_string(blank) + " unseen " + std::to_string(unseen) +
                             " shown " + std::to_string(shown.size()) + " beside " +
                             std::to_string(beside.size()) + "\n";
    const bool is_told = write_all(head) && write_all(shown) && write_all(beside);
    ::iconv_close(letters);
    return is_told ? 0 : 1;
}
