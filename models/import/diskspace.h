// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace tailscope::import {

/// Bytes a workspace is expected to grow by when `rawBytes` of a format are imported, indexes and derived
/// tables included. A rough figure that errs on the high side; compressed input is taken to inflate
/// twelvefold.
std::uint64_t estimateWorkspaceBytes(std::string_view format, std::uint64_t rawBytes,
    bool compressed = false);

/// Worth telling before it begins: an estimate of 64 MiB or more.
bool isBigImport(std::uint64_t estimate);
/// Free bytes on the disk of a workspace; nullopt where the disk does not tell.
std::optional<std::uint64_t> freeDiskBytes(const std::filesystem::path &workspace);

/// DiskFull with a hint when the disk of `workspace` has less room than a big import will need. Small imports
/// (an estimate below 64 MiB) and disks that do not tell pass.
Result<void> checkDiskSpace(const std::filesystem::path &workspace, std::uint64_t estimate);

} // namespace tailscope::import
