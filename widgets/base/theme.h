// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QPalette>

#include <string_view>

namespace tailscope::widgets {

/// Colours by meaning, chosen for the palette in force (light or dark). The engine gives kinds, never
/// colours. Okabe-Ito based; never the only carrier of meaning.
class Theme
{
public:
    explicit Theme(const QPalette &palette);
    bool isDark() const { return m_dark; }

    QColor background() const; ///< of painted views
    QColor alternate() const; ///< zebra, lane bands
    QColor text() const;
    QColor mutedText() const;
    QColor grid() const;
    QColor axis() const;
    QColor selection() const; ///< translucent fill of a dragged range
    QColor selectionBorder() const;
    QColor hover() const;
    QColor good() const;
    QColor info() const;
    QColor warning() const;
    QColor critical() const;
    /// Series colour 0..n, distinguishable for colour-blind users; cycles after 8.
    QColor series(int index) const;
    /// Stable colour of a name (service, package): same name, same colour in every view. Pastel enough for
    /// text().
    QColor forName(std::string_view name) const;
    /// Sequential scale for heat maps and self time, t in 0..1 (viridis-like, light end fits the background).
    QColor heat(double t) const;
    /// Diverging scale, t in -1..1: blue (less), neutral, orange (more); told apart by colour-blind users.
    QColor diverging(double t) const;
    /// Black or white, whichever reads better on `fill`.
    QColor textOn(const QColor &fill) const;

private:
    QPalette m_palette;
    bool m_dark;
};

/// Icon `resources/icons/NAME.svg` tinted for the palette (normal and disabled).
QIcon themedIcon(const QString &name);
/// The application-wide light and dark palettes (Fusion); system = the platform's own.
enum class ColorScheme { System, Light, Dark };
void applyColorScheme(ColorScheme scheme);

} // namespace tailscope::widgets
