#include "adapter/audit/durable_folder.h"

namespace consultd::audit {
namespace {

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

Result<DurableFolder> DurableFolder::open(const std::string& path) {
    TRY_ASSIGN(std::unique_ptr<FileOperations> files, open_folder(path));
    return DurableFolder(std::move(files));
}

Result<DurableFolder> DurableFolder::open_or_make(const std::string& path) {
    TRY(make_durable_folder(path));
    return open(path);
}

Status DurableFolder::make_parents(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        if (made_durable_.contains(folder)) continue;
        TRY(files_->make_folder(folder));
        // A folder that was there may be a leftover whose name never became durable.
        to_sync_.insert(parent_of(folder));
        made_durable_.insert(folder);
    }
    return {};
}

Status DurableFolder::write(const std::string& path, std::string_view bytes) {
    TRY(make_parents(path));
    TRY(files_->write(path, bytes));
    to_sync_.insert(parent_of(path));
    return {};
}

Status DurableFolder::sync_folders() {
    for (const std::string& folder : to_sync_) TRY(files_->sync_folder(folder));
    to_sync_.clear();
    return {};
}

Status DurableFolder::rename(const char* from, const char* to) {
    TRY(files_->rename(from, to));
    to_sync_.insert(".");
    return {};
}

void DurableFolder::clear_folder(const std::string& path, const std::string& keep) {
    for (const std::string& name : files_->names(path))
        if (name != keep) files_->remove_file(path + "/" + name);
    if (keep.empty() && files_->remove_folder(path)) made_durable_.erase(path);
}

}  // namespace consultd::audit
