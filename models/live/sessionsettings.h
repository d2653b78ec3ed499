// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "live/connection.h"

#include <string>
#include <string_view>
#include <vector>

namespace tailscope::live {

/// With a comment behind its first word that says whose it is (a server keeps none before it): a recording
/// leaves marked statements out.
std::string marked(std::string_view sql);
/// The settings that keep a session harmless, in the forms in which they can be made: at start
/// ("-c name=value ..."), which every server since 9.6 knows;
std::string startOptions(const ConnectOptions &options);
/// the same by SET, one statement each;
std::vector<std::string> sessionSettings(const ConnectOptions &options);
/// what only newer versions have, by SET, once the version is known (PQserverVersion);
std::vector<std::string> settingsOfVersion(int serverVersion);
/// all of them for one transaction: "BEGIN READ ONLY; SET LOCAL ...".
std::string pooledBegin(const ConnectOptions &options, int serverVersion);

} // namespace tailscope::live
