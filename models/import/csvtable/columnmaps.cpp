// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/csvtable/columnmaps.h"

#include "base/text.h"

#include <array>
#include <cinttypes>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace tailscope::import::csvtable {

namespace {

constexpr std::uintmax_t kMaxMapBytes = 1024 * 1024;

} // namespace

std::filesystem::path columnMapFile(std::string_view headerLine)
{
    const char *config = std::getenv("XDG_CONFIG_HOME");
    const char *home = std::getenv("HOME");
    std::filesystem::path folder;
    if (config != nullptr && *config == '/')
        folder = config;
    else if (home != nullptr && *home != '\0')
        folder = std::filesystem::path(home) / ".config";
    else
        return {};
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%016" PRIx64 ".toml", hash64(trimmed(headerLine)));
    return folder / "tailscope" / "column-maps" / name.data();
}

std::optional<ColumnMap> rememberedMap(std::string_view headerLine)
{
    const std::filesystem::path path = columnMapFile(headerLine);
    std::error_code error;
    if (headerLine.empty() || path.empty() || std::filesystem::file_size(path, error) > kMaxMapBytes || error)
        return std::nullopt;
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    Result<ColumnMap> map = ColumnMap::parse(text, path.string());
    return file && map ? std::optional(std::move(*map)) : std::nullopt;
}

Result<void> rememberMap(std::string_view headerLine, const ColumnMap &map)
{
    const std::filesystem::path path = columnMapFile(headerLine);
    if (headerLine.empty() || path.empty())
        return {};
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    std::ofstream out(path, std::ios::trunc);
    std::string comment(trimmed(headerLine));
    for (char &c : comment)
        c = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    out << "# " << sanitizedUtf8(comment) << '\n' << map.toToml();
    out.flush();
    if (!out)
        return fail(ErrorCode::NotReadable, path.string(), "the meaning of the columns cannot be remembered",
            "Give --map again next time, or make the folder writable.");
    return {};
}

} // namespace tailscope::import::csvtable
