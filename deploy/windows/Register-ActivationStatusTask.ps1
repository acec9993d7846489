#requires -Version 3.0

<#
.SYNOPSIS
Has this machine report the state of its activation to Gracewatch every day.

.DESCRIPTION
Copies Send-ActivationStatus.ps1, which must lie beside this script, to %ProgramFiles%\Gracewatch, and makes a scheduled
task that runs it as SYSTEM: every day at a minute that is drawn at random now, and five minutes after each start of the
machine, only with a network. A run that was missed is made up for.

The token is written to %ProgramData%\Gracewatch\token, which only SYSTEM and administrators can read. It is asked for,
or comes through a pipe; as an argument it would be seen by all, and so there is no parameter for it. A token that is
there already is kept unless another comes through the pipe.

Run it elevated. To run it again with other parameters changes the task.

.PARAMETER Uri
Where the server is, such as https://gracewatch.corp.example.

.PARAMETER Folder
In place of -Uri: the inbox of the server, such as \\server\share\inbox. SYSTEM comes to it as the account of the
machine, which must be able to create, rename and delete files there.

.PARAMETER Spread
For how long at most each run waits before it begins: seconds, or a number with s, m or h. 12 hours at most.

.PARAMETER KmsEvents
For a KMS host: also sends its records of the requests of clients.

.PARAMETER EventDays
How many days back these are read.

.PARAMETER Proxy
The HTTP proxy to use. SYSTEM has none of its own unless one was set for it.

.PARAMETER ProxyUseDefaultCredentials
Logs in with the proxy as the account of the machine.

.PARAMETER NoProxy
Connects directly.

.PARAMETER RunNow
Runs the task once it is made.

.PARAMETER Uninstall
Removes the task, the script, the token, and what was kept and logged.

.EXAMPLE
.\Register-ActivationStatusTask.ps1 -Uri https://gracewatch.corp.example -RunNow
Asks for the token, makes the task and runs it.

.EXAMPLE
Get-Content \\server\deploy\token.txt | .\Register-ActivationStatusTask.ps1 -Uri https://gracewatch.corp.example
Asks nothing.

.EXAMPLE
.\Register-ActivationStatusTask.ps1 -Folder \\server\share\inbox
Needs no token: who may write to the share may report.

.EXAMPLE
.\Register-ActivationStatusTask.ps1 -Uninstall
#>

# There is no attribute [Parameter()] here: with one, only declared parameters could take what comes through the pipe,
# and they could be given as arguments as well.
param(
    [string] $Uri,
    [string] $Folder,
    [ValidatePattern('^\d{1,5}[smh]?$')]
    [string] $Spread = '30m',
    [switch] $KmsEvents,
    [ValidateRange(1, 366)]
    [int] $EventDays = 3,
    [string] $Proxy,
    [switch] $ProxyUseDefaultCredentials,
    [switch] $NoProxy,
    [switch] $RunNow,
    [switch] $Uninstall
)

# First of all, since it can be read only once.
$piped = @($input)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$TaskName = 'Gracewatch activation status'
$ScriptName = 'Send-ActivationStatus.ps1'

# Where the 64-bit programs are, also for the 32-bit PowerShell that some tools run scripts with.
$ProgramFiles = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$ScriptFolder = Join-Path $ProgramFiles 'Gracewatch'
$StateFolder = Join-Path $env:ProgramData 'Gracewatch'
$TokenFile = Join-Path $StateFolder 'token'

# SYSTEM and Administrators, whose names differ from language to language.
$TrustedSids = @('S-1-5-18', 'S-1-5-32-544')

# Runs a program of Windows. What it says is in the language of the system, and counts only as words for people.
function Invoke-Program([string] $Name, [string[]] $Arguments) {
    # What a program writes to its standard error would otherwise end this script.
    $ErrorActionPreference = 'Continue'
    $said = & "$env:SystemRoot\System32\$Name" $Arguments 2>&1 | ForEach-Object { "$_" }
    if ($LASTEXITCODE -ne 0) { throw "$Name $($Arguments -join ' ') failed: $($said -join ' ')" }
}

function Test-Elevated {
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    $principal = New-Object System.Security.Principal.WindowsPrincipal($identity)
    $principal.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

# Refuses a folder that somebody else may have put in place of ours, as everybody may in %ProgramData%.
function Assert-TrustedFolder([string] $Path) {
    $item = Get-Item -LiteralPath $Path -Force
    $owner = (Get-Acl -LiteralPath $Path).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
    $isLink = ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) -ne 0
    if ($isLink -or $TrustedSids -notcontains $owner) {
        throw "$Path is a link, or belongs to $owner in place of Administrators: look at it, and remove it"
    }
}

# The folder for the token, the log and what is kept: for SYSTEM and administrators alone.
function Initialize-StateFolder {
    if (-not (Test-Path -LiteralPath $StateFolder)) {
        [void][IO.Directory]::CreateDirectory($StateFolder)
        Invoke-Program 'icacls.exe' @($StateFolder, '/setowner', '*S-1-5-32-544', '/q')
    }
    Assert-TrustedFolder $StateFolder
    $rights = @('*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F')
    Invoke-Program 'icacls.exe' (@($StateFolder, '/inheritance:r', '/grant:r') + $rights + @('/q'))
}

function ConvertFrom-Secure([System.Security.SecureString] $Secure) {
    $pointer = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($Secure)
    try {
        [System.Runtime.InteropServices.Marshal]::PtrToStringBSTR($pointer)
    } finally {
        [System.Runtime.InteropServices.Marshal]::ZeroFreeBSTR($pointer)
    }
}

# The token that is to be written; '' where the one that is there stays.
function Read-Token {
    $lines = @($piped | Where-Object { $null -ne $_ })
    if ($lines.Count -eq 0) {
        if (Test-Path -LiteralPath $TokenFile) { return '' }
        $lines = @(Read-Host -Prompt 'Token' -AsSecureString)
    }
    $texts = @($lines | ForEach-Object {
        if ($_ -is [System.Security.SecureString]) { ConvertFrom-Secure $_ } else { "$_" }
    })
    $token = ($texts -join "`n").Trim()
    if ($token -notmatch '^[\x21-\x7E]{1,1024}$') { throw 'The token is one line of letters, digits and signs' }
    $token
}

# Writes the token, to a file that is closed to others before anything is in it.
function Write-Token([string] $Token) {
    if (Test-Path -LiteralPath $TokenFile) { Remove-Item -LiteralPath $TokenFile -Force }
    [IO.File]::WriteAllText($TokenFile, '')
    $rights = @('*S-1-5-18:F', '*S-1-5-32-544:F')
    Invoke-Program 'icacls.exe' (@($TokenFile, '/inheritance:r', '/grant:r') + $rights + @('/q'))
    [IO.File]::WriteAllText($TokenFile, $Token)
}

# One word of a command line. Nothing of what is passed on has a quotation mark in it.
function ConvertTo-Word([string] $Text) {
    if ($Text -match '["\x00-\x1F]') { throw "No quotation mark may be in $Text" }
    # A backslash before the closing mark would make that mark part of the word.
    '"{0}"' -f $Text.TrimEnd('\')
}

function Get-Arguments {
    $words = @('-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File')
    $words += ConvertTo-Word (Join-Path $ScriptFolder $ScriptName)
    if ($Folder) {
        $words += @('-Folder', (ConvertTo-Word $Folder))
    } else {
        $words += @('-Uri', (ConvertTo-Word $Uri))
        if ($NoProxy) { $words += '-NoProxy' }
        if ($Proxy) { $words += @('-Proxy', (ConvertTo-Word $Proxy)) }
        if ($ProxyUseDefaultCredentials) { $words += '-ProxyUseDefaultCredentials' }
    }
    $words += @('-Spread', $Spread)
    if ($KmsEvents) { $words += @('-KmsEvents', '-EventDays', "$EventDays") }
    $words -join ' '
}

function Get-SpreadSecond {
    $number = [int]($Spread -replace '[smh]$', '')
    if ($Spread -match 'm$') { $number *= 60 } elseif ($Spread -match 'h$') { $number *= 3600 }
    if ($number -gt 43200) { throw '-Spread takes 12 hours at most' }
    $number
}

# The task. The account is named by its SID, and the daily minute by the clock of the machine.
function Get-TaskXml {
    $minute = '{0:00}:{1:00}' -f (Get-Random -Maximum 24), (Get-Random -Maximum 60)
    # The wait, and an hour for all attempts to send what was kept.
    $limit = 'PT{0}S' -f ((Get-SpreadSecond) + 3600)
    $arguments = [System.Security.SecurityElement]::Escape((Get-Arguments))
    @"
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>Gracewatch</Author>
    <Description>Reports the activation of Windows and Office to Gracewatch.</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2020-01-01T${minute}:00</StartBoundary>
      <Enabled>true</Enabled>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
    <BootTrigger>
      <Enabled>true</Enabled>
      <Delay>PT5M</Delay>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>S-1-5-18</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>$limit</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe</Command>
      <Arguments>$arguments</Arguments>
    </Exec>
  </Actions>
</Task>
"@
}

function Register-Task {
    $xml = Get-TaskXml
    $file = Join-Path $StateFolder 'task.xml'
    try {
        [IO.File]::WriteAllText($file, $xml, [System.Text.Encoding]::Unicode)
        Invoke-Program 'schtasks.exe' @('/Create', '/TN', $TaskName, '/XML', $file, '/F')
    } finally {
        [IO.File]::Delete($file)
    }
}

function Copy-Script {
    $source = Join-Path $PSScriptRoot $ScriptName
    if (-not (Test-Path -LiteralPath $source -PathType Leaf)) { throw "$ScriptName must lie beside this script" }
    [void][IO.Directory]::CreateDirectory($ScriptFolder)
    $target = Join-Path $ScriptFolder $ScriptName
    if ($source -ne $target) { Copy-Item -LiteralPath $source -Destination $target -Force }
}

function Uninstall-All {
    try {
        Invoke-Program 'schtasks.exe' @('/Query', '/TN', $TaskName)
        $isThere = $true
    } catch {
        $isThere = $false
    }
    if ($isThere) { Invoke-Program 'schtasks.exe' @('/Delete', '/TN', $TaskName, '/F') }
    if (Test-Path -LiteralPath $StateFolder) {
        # Nothing is followed to where somebody else may have led it.
        Assert-TrustedFolder $StateFolder
        Remove-Item -LiteralPath $StateFolder -Recurse -Force
    }
    if (Test-Path -LiteralPath $ScriptFolder) { Remove-Item -LiteralPath $ScriptFolder -Recurse -Force }
}

if ($args.Count -gt 0) { throw "These are no parameters: $($args -join ' ')" }
if (-not (Test-Elevated)) { throw 'Run this elevated, as an administrator' }
if ($Uninstall) {
    Uninstall-All
    'The task, the script, the token, and what was kept and logged are removed.'
    return
}
if ([bool]$Uri -eq [bool]$Folder) { throw 'Give -Uri or -Folder, and not both' }
if ($Uri -and $Uri -notmatch '^https?://[^/\s"?#@]+(/[^\s"?#]*)?$') {
    throw '-Uri takes the address of the server alone, such as https://gracewatch.corp.example'
}
if ($Uri -match '^http:') { Write-Warning 'The token will be sent unencrypted: put the server behind https' }

Initialize-StateFolder
if ($Uri) {
    $token = Read-Token
    if ($token) { Write-Token $token }
}
Copy-Script
Register-Task
if ($RunNow) { Invoke-Program 'schtasks.exe' @('/Run', '/TN', $TaskName) }
"The task '$TaskName' is there. What its runs do is in $(Join-Path $StateFolder 'collector.log')."
