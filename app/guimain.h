// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>

#include <memory>

namespace tailscope::app {

/// QApplication with our style, palette and window icon.
std::unique_ptr<QApplication> makeGuiApplication(int &argc, char **argv);
/// Opens the window on the files of the command line; returns the exit code.
int runWindow(int &argc, char **argv);

} // namespace tailscope::app
