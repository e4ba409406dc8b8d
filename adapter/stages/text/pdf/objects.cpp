#include "adapter/stages/text/pdf/objects.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <string_view>
#include <utility>

#include "adapter/stages/text/letters.h"
#include "fhir/base/utf8.h"

namespace consultd {
namespace {

using Object = QPDFObjectHandle;

constexpr int depth_max = 60;
// Flags of an annotation that keep it from the screen: invisible, hidden, no view (12.5.3).
constexpr long long unseen_flags = 1 | 2 | 32;

// Bytes that are no text: signatures, digests, keys (12.8.1, 7.11.4, 7.6).
bool is_no_text(std::string_view key, Object& holder) {
    constexpr std::string_view never[] = {"/CheckSum", "/ID", "/Cert", "/O",
                                          "/U",        "/OE", "/UE",   "/Perms"};
    return std::find(std::begin(never), std::end(never), key) != std::end(never) ||
           (key == "/Contents" && holder.hasKey("/ByteRange"));
}

// Its default state, or what it says of a screen, switches a layer off (8.11.4).
bool has_layers_off(Object& layers) {
    Object standard = layers.getKey("/D");
    if (standard.isDictionary()) {
        Object off = standard.getKey("/OFF");
        if (off.isArray() && off.getArrayNItems() > 0) return true;
        if (standard.getKey("/BaseState").isNameAndEquals("/OFF")) return true;
    }
    return false;
}

bool is_hidden_note(Object& holder) {
    Object flags = holder.getKey("/F");
    return flags.isInteger() && (flags.getIntValue() & unseen_flags) != 0 &&
           holder.getKey("/AP").isDictionary() && holder.getKey("/Rect").isArray();
}

class Walk {
public:
    explicit Walk(std::size_t text_bytes_max) : text_bytes_max_(text_bytes_max) {}

    void visit(Object& one, int depth) {
        if (out_.said.size() > text_bytes_max_ || depth > depth_max) {
            is_cut_ = true;
        } else if (one.isString()) {
            add(one.getUTF8Value());
        } else if (one.isArray()) {
            for (Object& item : one.getArrayAsVector()) step_into(item, depth);
        } else if (one.isDictionary()) {
            visit_dictionary(one, depth);
        } else if (one.isStream()) {
            visit_stream(one, depth);
        }
    }

    PdfObjects take() {
        out_.unseen = int{has_files_} + int{has_layers_off_} + int{has_hidden_notes_};
        out_.is_all = !is_cut_;
        return std::move(out_);
    }

private:
    // What is an object of its own is visited as one.
    void step_into(Object& item, int depth) {
        if (!item.isIndirect()) visit(item, depth + 1);
    }

    void visit_dictionary(Object& holder, int depth) {
        has_files_ |= holder.getKey("/EF").isDictionary();
        has_hidden_notes_ |= is_hidden_note(holder);
        if (holder.hasKey("/OCGs")) has_layers_off_ |= has_layers_off(holder);
        Object usage = holder.getKey("/Usage");
        if (usage.isDictionary())
            has_layers_off_ |= usage.getKey("/View").isDictionary() &&
                               usage.getKey("/View").getKey("/ViewState").isNameAndEquals("/OFF");
        visit_form(holder);
        for (auto& [key, value] : holder.getDictAsMap())
            if (!is_no_text(key, holder)) step_into(value, depth);
    }

    // The packets of an XFA form are XML in streams (12.7.8).
    void visit_form(Object& holder) {
        Object packets = holder.getKey("/XFA");
        if (packets.isStream()) add_stream(packets);
        if (!packets.isArray()) return;
        for (Object& packet : packets.getArrayAsVector())
            if (packet.isStream()) add_stream(packet);
    }

    void visit_stream(Object& one, int depth) {
        Object head = one.getDict();
        has_files_ |= one.isStreamOfType("/EmbeddedFile");
        if (head.getKey("/Type").isNameAndEquals("/Metadata")) add_stream(one);
        visit_dictionary(head, depth);
    }

    void add_stream(Object& one) {
        const auto data = one.getStreamData(qpdf_dl_generalized);
        const std::size_t room = text_bytes_max_ - std::min(text_bytes_max_, out_.said.size());
        const std::size_t size = std::min(room, data->getSize());
        is_cut_ |= size < data->getSize();
        add({reinterpret_cast<const char*>(data->getBuffer()), size});
    }

    void add(std::string_view bytes) {
        const auto order = utf16_order(bytes);
        if (order)
            out_.said += from_utf16(bytes, *order);
        else
            out_.said += is_utf8(bytes) ? std::string(bytes) : from_windows(bytes);
        out_.said += '\n';
    }

    const std::size_t text_bytes_max_;
    PdfObjects out_;
    bool has_files_ = false, has_layers_off_ = false, has_hidden_notes_ = false, is_cut_ = false;
};

}  // namespace

// qpdf tells of what is broken by exceptions: what was read until then is kept, and not all.
PdfObjects read_objects(const std::string& bytes, std::size_t text_bytes_max) {
    Walk walk(text_bytes_max);
    try {
        QPDF pdf;
        pdf.setSuppressWarnings(true);
        pdf.processMemoryFile("pdf", bytes.data(), bytes.size());
        for (Object& one : pdf.getAllObjects()) walk.visit(one, 0);
    } catch (const std::exception&) {
        PdfObjects begun = walk.take();
        begun.is_all = false;
        return begun;
    }
    return walk.take();
}

}  // namespace consultd
