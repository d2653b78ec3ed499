// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/accesslog/logformat.h"

#include <filesystem>

namespace tailscope::import::accesslog {

/// Formats that are seen often and that common and combined do not cover, compiled; any thread.
const std::vector<LogFormat> &wellKnownFormats();

/// The user's own list, `tailscope/log-formats` in the folder of configurations: lines of a pattern of paths,
/// a tab and a format; later lines win. A pattern without a slash is one of file names.
std::filesystem::path logFormatsFile();
/// The format that the list has for a path; empty when none.
std::string rememberedFormat(const std::filesystem::path &path);
/// Adds a line for the files of this folder whose names differ in digits and compression alone.
Result<void> rememberFormat(const std::filesystem::path &path, std::string_view format);
/// "/var/log/access.log.12.gz" -> "/var/log/access.log*": what rememberFormat() writes.
std::string patternOf(const std::filesystem::path &path);

} // namespace tailscope::import::accesslog
