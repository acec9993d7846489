-- What wixl does not know, a statement a line, for msibuild.

-- What an administrator may give without being elevated already, and what no log shows.
UPDATE `Property` SET `Value` = 'WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;MODE;SERVER;TOKEN;LISTEN;CONFIG;PURGE' WHERE `Property` = 'SecureCustomProperties'
INSERT INTO `Property` (`Property`, `Value`) VALUES ('MsiHiddenProperties', 'TOKEN;WriteToken')

-- The registry as 64-bit programs see it.
UPDATE `RegLocator` SET `Type` = 18

-- The configuration is the user's once it is there: 64-bit, permanent, never overwritten. Each mode begins with its own.
UPDATE `Component` SET `Attributes` = 400, `Condition` = 'MODE="server"' WHERE `Component` = 'ServerConfiguration'
UPDATE `Component` SET `Attributes` = 400, `Condition` = 'MODE="agent"' WHERE `Component` = 'AgentConfiguration'
UPDATE `Component` SET `Attributes` = 272 WHERE `Component` = 'Data'
UPDATE `Component` SET `Condition` = 'PAGE OR REMOVE="ALL"' WHERE `Component` = 'Page'

-- The old version goes within the transaction: where the new one cannot be installed, it comes back.
UPDATE `InstallExecuteSequence` SET `Sequence` = 1501 WHERE `Action` = 'RemoveExistingProducts'

-- What was given is checked before the components are chosen.
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('Prepare', 1, 'setup.dll', 'Prepare')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('Prepare', 'NOT (REMOVE="ALL")', 110)

-- The service's arguments.
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('SetFile', 51, 'FILE', '[DATADIR]gracewatch.yaml')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('SetFile', 'NOT CONFIG', 1010)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('SetGivenFile', 51, 'FILE', '[CONFIG]')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('SetGivenFile', 'CONFIG', 1011)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('SetArguments', 51, 'ARGUMENTS', 'service run --config "[FILE]"')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('SetArguments', '', 1012)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('AddListen', 51, 'ARGUMENTS', '[ARGUMENTS] --listen [LISTEN]')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('AddListen', 'MODE="server" AND LISTEN', 1013)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('SetAgent', 51, 'ARGUMENTS', 'service run --agent --config "[FILE]"')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('SetAgent', 'MODE="agent"', 1016)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('AddServer', 51, 'ARGUMENTS', '[ARGUMENTS] --server [SERVER]')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('AddServer', 'MODE="agent" AND SERVER', 1017)

-- The folder of the data is closed to others before anything is put there; then the token. 3073: in the DLL, deferred, as SYSTEM; 8192 more keeps what it is given from logs.
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('CloseFolder', 3073, 'setup.dll', 'CloseFolder')
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('SetCloseFolder', 51, 'CloseFolder', '[DATADIR]')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('SetCloseFolder', 'NOT Installed OR REINSTALL', 1014)
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('CloseFolder', 'NOT Installed OR REINSTALL', 3710)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('WriteToken', 11265, 'setup.dll', 'WriteToken')
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('SetWriteToken', 8243, 'WriteToken', '[DATADIR]token|[TOKEN]')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('SetWriteToken', 'TOKEN AND (NOT Installed OR REINSTALL)', 1015)
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('WriteToken', 'TOKEN AND (NOT Installed OR REINSTALL)', 4010)

-- What `gracewatch service install` sets as well: a delayed start, a SID of its own, and that it is started again. 3170: a program in a folder, deferred, as SYSTEM, whatever it ends with. The table that Windows Installer has for failure actions does not work.
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('DelayStart', 3170, 'System64Folder', '"[System64Folder]sc.exe" config gracewatch start= delayed-auto')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('DelayStart', 'NOT Installed OR REINSTALL', 5810)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('StartAgain', 3170, 'System64Folder', '"[System64Folder]sc.exe" failure gracewatch reset= 86400 actions= restart/5000/restart/30000/restart/60000')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('StartAgain', 'NOT Installed OR REINSTALL', 5811)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('StartAgainAlways', 3170, 'System64Folder', '"[System64Folder]sc.exe" failureflag gracewatch 1')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('StartAgainAlways', 'NOT Installed OR REINSTALL', 5812)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('GiveSid', 3170, 'System64Folder', '"[System64Folder]sc.exe" sidtype gracewatch unrestricted')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('GiveSid', 'NOT Installed OR REINSTALL', 5813)

-- The firewall lets others reach the server, and only it. 3426: at rollback.
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('CloseFirewall', 3170, 'System64Folder', '"[System64Folder]netsh.exe" advfirewall firewall delete rule name=Gracewatch')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('CloseFirewall', 'REMOVE="ALL" OR NOT Installed OR REINSTALL', 1910)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('UndoFirewall', 3426, 'System64Folder', '"[System64Folder]netsh.exe" advfirewall firewall delete rule name=Gracewatch')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('UndoFirewall', 'FIREWALL_PORT AND (NOT Installed OR REINSTALL)', 5820)
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('OpenFirewall', 3170, 'System64Folder', '"[System64Folder]netsh.exe" advfirewall firewall add rule name=Gracewatch dir=in action=allow protocol=TCP localport=[FIREWALL_PORT] program="[INSTALLDIR]gracewatch.exe" profile=domain,private')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('OpenFirewall', 'FIREWALL_PORT AND (NOT Installed OR REINSTALL)', 5821)

-- The entry of the start menu, a file that Windows writes as one of its INI files.
CREATE TABLE `IniFile` (`IniFile` CHAR(72) NOT NULL, `FileName` CHAR(255) NOT NULL LOCALIZABLE, `DirProperty` CHAR(72), `Section` CHAR(96) NOT NULL LOCALIZABLE, `Key` CHAR(128) NOT NULL LOCALIZABLE, `Value` CHAR(255) NOT NULL LOCALIZABLE, `Action` SHORT NOT NULL, `Component_` CHAR(72) NOT NULL PRIMARY KEY `IniFile`)
INSERT INTO `IniFile` (`IniFile`, `FileName`, `DirProperty`, `Section`, `Key`, `Value`, `Action`, `Component_`) VALUES ('Page', 'GRACEW~1.URL|Gracewatch.url', 'ProgramMenuFolder', 'InternetShortcut', 'URL', '[PAGE]', 0, 'Page')
INSERT INTO `RemoveFile` (`FileKey`, `Component_`, `FileName`, `DirProperty`, `InstallMode`) VALUES ('Page', 'Page', 'GRACEW~1.URL|Gracewatch.url', 'ProgramMenuFolder', 2)
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('RemoveIniValues', '', 3000)
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('WriteIniValues', '', 5100)

-- With PURGE=1 nothing is left, once all else is removed. 3682: at commit. An upgrade is no reason.
INSERT INTO `CustomAction` (`Action`, `Type`, `Source`, `Target`) VALUES ('Purge', 3682, 'System64Folder', '"[System64Folder]cmd.exe" /c rd /s /q "[DATADIR]"')
INSERT INTO `InstallExecuteSequence` (`Action`, `Condition`, `Sequence`) VALUES ('Purge', 'REMOVE="ALL" AND PURGE="1" AND NOT UPGRADINGPRODUCTCODE', 6590)
