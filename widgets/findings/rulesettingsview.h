// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/base/view.h"

class QCheckBox;
class QPushButton;
class QTableView;
class QTextBrowser;

namespace tailscope::items {
class RuleSettingsModel;
}

namespace tailscope::widgets {

class Banner;
class ElidedLabel;
class SearchBar;

/// All rules with what became of them, the thresholds of the chosen one to change, and its texts. Changes are
/// kept in the user's configuration and the rules run again.
class RuleSettingsView : public View
{
    Q_OBJECT
public:
    /// model: for tests, with another folder of user rules; null = that of the user. Owned by the view.
    RuleSettingsView(session::Session *session, QWidget *parent, items::RuleSettingsModel *model = nullptr);
    QString showSql() const override;
    QString commandLine() const override;
    bool isReady() const override;
    void startSearch() override;

    items::RuleSettingsModel *model() const { return m_model; }
    QTableView *ruleTable() const { return m_rules; }
    QTableView *thresholdTable() const { return m_thresholds; }
    QCheckBox *muteBox() const { return m_mute; }
    QPushButton *resetButton() const { return m_reset; }
    QPushButton *copyButton() const { return m_copy; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildLayout();
    QWidget *buildSide();
    void setUpTable(QTableView *table, const QString &name);
    void connectAll();
    void refresh();
    void showCurrent();
    void resetCurrentThreshold();
    void openFolder();
    void showMenu(QTableView *table, const QPoint &position);

    items::RuleSettingsModel *m_model;
    Banner *m_banner;
    ElidedLabel *m_note;
    SearchBar *m_search;
    QTableView *m_rules, *m_thresholds;
    QTextBrowser *m_text;
    QCheckBox *m_mute;
    QPushButton *m_reset, *m_copy, *m_folder;
    bool m_fitted = false;
};

} // namespace tailscope::widgets
